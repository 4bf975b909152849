/** Where it does not fit on a line, it breaks after its sign rather than inside a word. */
export function EmailAddress({ email, class: look }: { email: string; class?: string }) {
  const domain = email.lastIndexOf('@') + 1
  return (
    <bdi class={look}>
      {email.slice(0, domain)}
      <wbr />
      {email.slice(domain)}
    </bdi>
  )
}
