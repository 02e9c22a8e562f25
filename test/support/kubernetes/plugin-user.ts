/** The plugins' user at the API server, with exactly the rights of the original's role. */
export const PLUGIN_USER = 'calico-cni-plugin';
export const PLUGIN_TOKEN = 'plugin-token';
