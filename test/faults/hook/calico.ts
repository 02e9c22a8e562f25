/** The product, whose platform is the watched one. */
import '../../../plugins/dispatch.ts';
