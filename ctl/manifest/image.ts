import { VERSION } from '../../shared/call/version.ts';
import { failure } from '../../shared/error/failure.ts';

/** The name that `npm run image` gives its image. */
const IMAGE = `localhost/calico-cni:${VERSION}`;

/** A name in parts, all but the registry in lower case, then a tag or a digest. */
const REFERENCE =
  /^(?:[A-Za-z0-9][\w.-]*(?::\d+)?\/)?[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*(?::\w[\w.-]*)?(?:@sha256:[0-9a-f]{64})?$/;

/** The image that an option names, or without it our own. Throws a Failure. */
export function imageReference(given: string): string {
  const image = given || IMAGE;
  if (REFERENCE.test(image)) return image;
  throw failure(`--image ${image} is not an image reference`, 'give one such as registry.example/calico-cni:1.0');
}
