declare const __VERSION__: string | undefined;

/** The version in package.json, put in by the bundler; sources run as they are say "dev". */
export const VERSION: string = typeof __VERSION__ === 'string' ? __VERSION__ : 'dev';
