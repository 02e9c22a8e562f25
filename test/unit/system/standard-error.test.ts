import { expect, test } from 'vitest';
import { lineWriter } from '../../../shared/system/standard-error.ts';

/** A reader with room for this many bytes, which makes room for as many more during some waits. */
function reader(room: number, makesRoomAt: readonly number[] = []) {
  let taken = '';
  let free = room;
  let waits = 0;
  const write = lineWriter(
    (bytes) => {
      if (free === 0) return undefined;
      const part = bytes.subarray(0, free);
      taken += Buffer.from(part).toString();
      free -= part.length;
      return part.length;
    },
    () => {
      waits += 1;
      if (makesRoomAt.includes(waits)) free = room;
    },
  );
  return { write, taken: () => taken, waits: () => waits, makeRoom: () => (free = room) };
}

test('a line without room waits for it, and is written completely', () => {
  const { write, taken } = reader(4, [3, 5]);
  write('0123456789\n');
  expect(taken()).toBe('0123456789\n');
});

test('all lines together wait this long; later lines without room are dropped at once', () => {
  const { write, waits } = reader(0);
  write('one\n');
  const first = waits();
  expect(first).toBeGreaterThan(0);
  write('two\n');
  expect(waits()).toBe(first);
});

test('a line that was cut is ended before the next', () => {
  const { write, taken, makeRoom } = reader(6);
  write('0123456789\n');
  makeRoom();
  write('new\n');
  expect(taken()).toBe('012345\nnew\n');
});

test('a line that was dropped completely leaves no trace', () => {
  const { write, taken, makeRoom } = reader(4);
  write('abc\n');
  write('gone\n');
  makeRoom();
  write('def\n');
  expect(taken()).toBe('abc\ndef\n');
});

test('after the reader has gone, nothing more is written', () => {
  let asked = 0;
  const write = lineWriter(() => {
    asked += 1;
    throw new Error('EPIPE');
  });
  write('one\n');
  write('two\n');
  expect(asked).toBe(1);
});
