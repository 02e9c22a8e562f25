/** The product with its boundaries watched. These come first, for the product looks for the runtime's functions when it is loaded. */
import './connections.ts';
import './programs.ts';
import '../../../plugins/dispatch.ts';
