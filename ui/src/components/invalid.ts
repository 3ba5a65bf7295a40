import { tick } from 'svelte';

/** Gives the focus to the first field of a form that something is wrong with; of a group, to its first choice. */
export async function focusFirstInvalid(form: HTMLElement): Promise<void> {
  await tick();
  const wrong = form.querySelector<HTMLElement>('[aria-invalid="true"]');
  const field = wrong?.matches('[role="radiogroup"]')
    ? wrong.querySelector<HTMLElement>('input:not(:disabled)')
    : wrong;
  field?.focus();
}
