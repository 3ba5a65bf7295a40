/** The scan field, for whoever has to give the keys back to it. */
export const scanField: { element: HTMLInputElement | null; focus: () => void } = {
  element: null,
  focus() {
    this.element?.focus({ preventScroll: true });
  },
};
