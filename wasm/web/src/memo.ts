import { Component, type ComponentChildren, type FunctionComponent, h } from "preact";

/** The component, drawn again only when a prop of it is another one (or a signal that it reads). */
export function memo<P extends object>(draw: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const now = this.props as Record<string, unknown>, then = next as Record<string, unknown>;
      return Object.keys({ ...now, ...then }).some((k) => now[k] !== then[k]);
    }
    override render(): ComponentChildren {
      return h(draw as FunctionComponent<object>, this.props as object);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}
