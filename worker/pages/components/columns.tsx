/**
 * The heads of a table's columns, for its head row: what a row is of, its figures, and at the end what is said in words.
 * Where rows need no name, `of` is empty.
 */
export const Columns = (props: { of: string; figures: readonly (string | false | undefined)[]; last?: string | undefined }) => (
  <>
    {props.of === '' ? <td /> : <th scope="col">{props.of}</th>}
    {props.figures.map((column) =>
      column ? (
        <th scope="col" class="num">
          {column}
        </th>
      ) : null,
    )}
    {props.last ? <th scope="col">{props.last}</th> : null}
  </>
)
