/** A second look before something goes, with no script: open, read, press. */
export const Confirm = (props: { summary: string; question: string; action: string; yes: string }) => (
  <details>
    <summary>{props.summary}</summary>
    <form class="asks" method="post" action={props.action}>
      <p>{props.question}</p>
      <button class="btn danger" type="submit">
        {props.yes}
      </button>
    </form>
  </details>
)
