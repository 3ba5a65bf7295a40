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
mount(App, { target });
