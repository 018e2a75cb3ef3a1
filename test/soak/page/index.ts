// What a page of the soak can do; `soak` inside `evaluate`.
import { SoakPage } from './soak-page';

export const soak = { SoakPage };

Object.assign(globalThis, { soak });
