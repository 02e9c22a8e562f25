declare const __VERSION__: string | undefined;

/** The version in package.json, inserted by the bundler; "dev" when run from source. */
export const VERSION: string = typeof __VERSION__ === 'string' ? __VERSION__ : 'dev';
