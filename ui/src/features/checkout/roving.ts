/**
 * Arrow keys inside a group of buttons, so that the group is one stop for Tab. Columns are found by
 * looking where the buttons stand, so it works for lists, strips and grids of any width.
 */
export function roving(event: KeyboardEvent): void {
  const from = event.target;
  const group = event.currentTarget;
  if (!(from instanceof HTMLElement) || !(group instanceof HTMLElement)) return;
  const all = [...group.querySelectorAll<HTMLElement>('button')];
  const at = all.indexOf(from);
  const next = at < 0 ? null : neighbour(all, at, event.key);
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  for (const other of all) other.tabIndex = other === next ? 0 : -1;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}

function neighbour(all: HTMLElement[], at: number, key: string): HTMLElement | null {
  const here = all[at];
  if (!here) return null;
  if (key === 'Home') return all[0] ?? null;
  if (key === 'End') return all.at(-1) ?? null;
  if (key === 'ArrowRight') return all[at + 1] ?? null;
  if (key === 'ArrowLeft') return all[at - 1] ?? null;
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return null;
  const down = key === 'ArrowDown';
  const { left, top } = here.getBoundingClientRect();
  const rest = down ? all.slice(at + 1) : all.slice(0, at).reverse();
  const same = rest.find((other) => {
    const box = other.getBoundingClientRect();
    return Math.abs(box.left - left) < 4 && (down ? box.top > top : box.top < top);
  });
  return same ?? (down ? (rest.at(-1) ?? null) : null);
}
