// Copies the text that a button stands beside.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  const text = button && document.getElementById(button.dataset.copy);
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
  } catch {
    // Without the right to it, or over plain HTTP: what is selected is copied by hand.
    getSelection().selectAllChildren(text);
    button.textContent = "Press Ctrl+C";
  }
  setTimeout(() => (button.textContent = "Copy"), 3000);
});
