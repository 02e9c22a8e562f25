/** The product with its boundaries watched. Connections first: the product looks for the runtime's when it is loaded. */
import './connections.ts';
import '../../../plugins/dispatch.ts';
