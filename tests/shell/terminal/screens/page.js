// A page as small as it can be: it shows the last event's name and keeps what happened for the test to look at.
const shown = document.querySelector('main');
window.seen = [];
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.effectiveDirective));
window.yichuang.subscribe((event) => {
  window.seen.push(event);
  shown.textContent = event.event === 'terminal' ? (event.terminal.health.why ?? 'in service') : event.event;
});
const inline = document.createElement('style');
inline.nonce = document.querySelector('meta[property="csp-nonce"]').content;
inline.textContent = 'main { color: rgb(1, 2, 3); }';
document.head.append(inline);
await window.yichuang.call('screen.ready', {});
window.yichuang.drawn();
