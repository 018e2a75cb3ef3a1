// The global `soak` of the soak's pages, for use inside `evaluate`.
import { SoakPage } from './soak-page';

export const soak = { SoakPage };

Object.assign(globalThis, { soak });
