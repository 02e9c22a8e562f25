/** The user that the plugins are to the API server: it may do exactly what the original's role allows. */
export const PLUGIN_USER = 'calico-cni-plugin';
export const PLUGIN_TOKEN = 'plugin-token';
