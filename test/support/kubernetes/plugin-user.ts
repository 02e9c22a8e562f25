/** The plugins' user at the API server, with the rights that calico-install prints. */
export const PLUGIN_USER = 'calico-cni-plugin';
export const PLUGIN_TOKEN = 'plugin-token';
