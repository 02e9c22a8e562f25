// The host's own tests: `calico-host run build/host/test/main.mjs`.

import { run } from './check.mjs';
import './text.mjs';
import './json.mjs';
import './arguments.mjs';
import './files.mjs';
import './locks.mjs';
import './kernel.mjs';
import './programs.mjs';
import './loop.mjs';
import './process.mjs';
import './faults.mjs';
import './pack.mjs';

run();
