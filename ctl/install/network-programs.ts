/** What programs that manage a machine's network must be told, so that they leave what Calico sets up alone. */

const INTERFACES = ['cali*', 'tunl*', 'vxlan.calico', 'vxlan-v6.calico', 'wireguard.cali', 'wg-v6.cali'];

/** Adds Calico's interfaces to those that NetworkManager leaves alone; other settings stay. It belongs into [keyfile]. */
export const UNMANAGED = `unmanaged-devices+=${INTERFACES.map((name) => `interface-name:${name}`).join(';')}`;

/** Whether a file makes NetworkManager leave Calico's interfaces alone. */
export const leavesInterfaces = (text: string): boolean =>
  /^[ \t]*unmanaged-devices[ \t]*\+?=.*interface-name:cali\*/m.test(text);

/** The file of systemd-networkd, and the folders of files that add to it. */
export const NETWORKD_PLACES = [
  '/etc/systemd/networkd.conf',
  ...['/usr/lib', '/run', '/etc'].map((folder) => `${folder}/systemd/networkd.conf.d`),
];

/** Whether a text of these makes systemd-networkd leave routes alone that it has not made. */
export const keepsForeignRoutes = (text: string): boolean =>
  /^[ \t]*ManageForeignRoutes[ \t]*=[ \t]*(no|false|off|0)[ \t]*$/im.test(text);
