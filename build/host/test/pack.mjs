import { directory, equal, shell, test, utf8 } from './check.mjs';

const host = calicoHost;

function files(contents) {
  const place = directory();
  for (const [name, content] of Object.entries(contents)) {
    const fd = host.open(`${place}/${name}`, 0o101, 0o600);
    host.write(fd, utf8(content));
    host.close(fd);
  }
  return place;
}

const say = (text) => `calicoHost.write(1, calicoHost.encodeUtf8(${text}));`;

test('packed modules run, with all arguments, and import each other only', () => {
  const place = files({
    'main.mjs': `import { x } from './b.mjs'; const { y } = await import('./c.mjs'); ${say('`${x} ${y} ${calicoHost.argv}`')}
      try { await import('./d.mjs') } catch (e) { ${say('` ${e.code}`')} } calicoHost.exit(0);`,
    'b.mjs': 'export const x = 1;',
    'c.mjs': "import { x } from './b.mjs'; export const y = x + 1;",
    'd.mjs': 'export {}',
  });
  const packed = shell(`$HOST pack $FILE ${place}/p ${place}/main.mjs ${place}/b.mjs ${place}/c.mjs; cd /; exec $EMULATOR ${place}/p run x --version`);
  equal([packed.stdout, packed.stderr], [`1 2 ${place}/p,run,x,--version ERR_MODULE_NOT_FOUND`, '']);
});

test('a module that nothing imports is loaded at the first call, and its exports are there at once', () => {
  const place = files({
    'main.mjs': `export const own = 'own'; ${say("'main '")} calicoHost.immediate(load);
      function load() { const first = calicoHost.loadNow('b.mjs'); const again = calicoHost.loadNow('b.mjs'); ${say('`${first.x} ${first === again} `')}
      for (const name of ['c.mjs', 'd.mjs', 'e.mjs']) try { calicoHost.loadNow(name) } catch (e) { ${say('`${e.code ?? e.name ?? e} `')} }
      calicoHost.timer(1, () => { ${say("'end'")} calicoHost.exit(0) }); }`,
    'b.mjs': `import { own } from './main.mjs'; ${say("'b '")} export const x = own;`,
    'c.mjs': "throw 'refused'",
    'd.mjs': 'await new Promise(() => {})',
  });
  const packed = shell(`cd ${place} && $HOST pack $FILE p main.mjs b.mjs c.mjs d.mjs && exec $EMULATOR ./p`);
  equal([packed.stdout, packed.stderr], ['main b own true refused TypeError ERR_MODULE_NOT_FOUND end', '']);
});

test('a packed program evaluates nothing but its modules', () => {
  const evaluate = (source) => `try { ${source}; ${say("'evaluated'")} } catch (e) { ${say('`${e.name} `')} }`;
  const place = files({ 'main.mjs': `${evaluate("eval('1')")} ${evaluate("new Function('1')")} ${evaluate('new RegExp("a+")')} calicoHost.exit(0)` });
  equal(shell(`$HOST pack $FILE ${place}/p ${place}/main.mjs; exec $EMULATOR ${place}/p`).stdout, 'TypeError TypeError evaluated');
});

test('errors in packed modules tell their place', () => {
  const place = files({ 'main.mjs': '\nfunction deep() {\n  throw new Error("x");\n}\ndeep();' });
  const ran = shell(`$HOST pack $FILE ${place}/p ${place}/main.mjs; $EMULATOR ${place}/p`);
  equal([ran.stderr.includes('at deep (main.mjs:3:'), ran.status], [true, 70]);
});

test('broken modules are refused with the place of the fault', () => {
  const place = files({ 'main.mjs': 'let x = 1;\nlet y = ;', 'b.mjs': "import './missing.mjs'", 'ok.mjs': '' });
  const refused = (rest) => shell(`$HOST pack $FILE ${place}/p ${rest}; s=$?; test -e ${place}/p && echo written; exit $s`);
  const broken = refused(`${place}/ok.mjs ${place}/main.mjs`);
  equal([/SyntaxError: .*\n.*main\.mjs:2:/.test(broken.stderr), broken.stdout, broken.status], [true, '', 70]);
  equal(refused(`${place}/b.mjs`).stderr.includes('missing.mjs: it is not among the files to pack'), true);
  equal(refused(`${place}/none.mjs`).status, 70);
  equal(refused(`${place}/ok.mjs ${place}/ok.mjs`).stderr.includes('a module needs a name of its own'), true);
});

test('only an executable without modules is packed', () => {
  const place = files({ 'main.mjs': 'calicoHost.exit(5)' });
  equal(shell(`$HOST pack ${place}/main.mjs ${place}/p ${place}/main.mjs`).stderr.trim(), `${place}/main.mjs is not a Linux executable`);
  equal(shell(`$HOST pack $FILE ${place}/p ${place}/main.mjs; $EMULATOR ${place}/p`).status, 5);
  equal(shell(`$HOST pack ${place}/p ${place}/q ${place}/main.mjs`).stderr.trim(), `${place}/p has modules already`);
});

test('a damaged executable ends with an error', () => {
  const place = files({ 'main.mjs': 'calicoHost.exit(5)' });
  const damage = (at) => `cp ${place}/p ${place}/q; s=$(stat -c %s ${place}/q); printf '\\377\\377\\377\\377\\377\\377\\377' | dd of=${place}/q bs=1 seek=$((s - ${at})) conv=notrunc 2>/dev/null; $EMULATOR ${place}/q`;
  equal(shell(`$HOST pack $FILE ${place}/p ${place}/main.mjs; $EMULATOR ${place}/p`).status, 5);
  for (const at of [8, 16, 20, 40, 60, 70, 90]) {
    const { status, signal } = shell(damage(at));
    equal([at, status === 70 || status === 5, signal], [at, true, undefined]);
  }
});

test('the tool tells its use and version', () => {
  equal(/^calico-host \d+\.\d+\.\d+ \(QuickJS-ng \d+\.\d+\.\d+\)\n$/.test(shell('$HOST --version').stdout), true);
  const { stderr, status } = shell('$HOST; $HOST run; $HOST pack x; exec $HOST --help');
  equal([stderr.split('usage:').length, status], [5, 2]);
  equal(shell('$HOST run /nonexistent.mjs').status, 70);
});
