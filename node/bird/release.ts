/** Which of BIRD's two languages: 1.6, with a process for each family, or 2 with one for both. */
export type Release = 1 | 2;
