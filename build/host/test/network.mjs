// The tests of the host's network, which need Node, openssl and root: `calico-host run build/host/test/network.mjs`.

import { run } from './check.mjs';
import { stop } from './network/stage.mjs';
import './network/connections.mjs';
import './network/refusals.mjs';
import './network/tls.mjs';
import './network/names.mjs';
import './network/listen.mjs';

await run(stop);
