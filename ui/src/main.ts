import '@fontsource-variable/inter/wght.css';
import './theme/tokens.css';
import './theme/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { guessLocale, setLocale } from './i18n/index.svelte';
import { dress } from './theme';

// Before the first answer from the shell: the system's colours and language, so nothing flashes.
setLocale(guessLocale());
dress('system', 'touch')();

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app"');
// The letters first: drawn in another face for a moment, every figure would jump.
const FONT_WAIT_MS = 500;
await Promise.race([
  document.fonts.load('1rem "Inter Variable"'),
  new Promise((resolve) => setTimeout(resolve, FONT_WAIT_MS)),
]);
mount(App, { target });
