/** Copies the text of an element. Hidden until the script that can do it has arrived; without it, people select and copy. */
export const CopyButton = (props: { of: string; label: string; done: string }) => (
  <button class="btn" type="button" hidden data-copy={props.of} data-done={props.done}>
    {props.label}
  </button>
)
