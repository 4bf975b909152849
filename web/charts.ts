/** Draws every `<figure data-chart>` from its JSON. */
export {}
