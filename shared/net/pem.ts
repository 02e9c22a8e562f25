/** Whether a text holds something in PEM, the form of certificates and keys in files. */
export const holdsPem = (text: string): boolean => text.includes('-----BEGIN ');
