import { text } from '../schema/type.ts';

/** A selector over labels. */
export const selector = text({ format: 'selector', max: 1024 });

/** A selector over namespaces, or `global()`. */
export const namespaceSelector = text({ format: 'namespaceSelector', max: 1024 });
