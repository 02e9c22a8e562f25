/** What commander uses of Node's paths. */
export { baseOf as basename, extensionOf as extname, folderOf as dirname } from '../../shared/system/file-name.ts';
