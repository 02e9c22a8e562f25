/**
 * The product with its boundaries watched. The hooks come first, because the product takes the runtime's functions
 * when it is loaded.
 */
import './connections.ts';
import './programs.ts';
import '../../../plugins/dispatch.ts';
