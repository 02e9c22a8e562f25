import { cniCommand } from '../test/support/cni-command.ts';
import { prepared } from './prepared.ts';

/** `npm run cni -- ADD conf.json`: calls the plugin on a throw-away host; npm changed to the checkout, paths are the user's. */
await prepared(() => {
  process.chdir(process.env['INIT_CWD'] ?? '.');
  return cniCommand(process.argv.slice(2));
});
