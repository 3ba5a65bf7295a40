import { tick } from 'svelte';

/** Gives the focus to the first field of a form that something is wrong with. */
export async function focusFirstInvalid(form: HTMLElement): Promise<void> {
  await tick();
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
