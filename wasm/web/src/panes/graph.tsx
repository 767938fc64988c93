import { computed } from "@preact/signals";
import { memo } from "../memo";
import type { Chain, Graph as Data, Node } from "../protocol";
import { visible } from "../safe";
import { t, view } from "../state";
import { Changed, Pane, Who } from "./pane";

// Every G, M and P has a place of its own, in the order in which they were made: so nothing moves while the machine does.
const width = 184, step = width + 16, row = 18, title = 24, height = title + 4 * row + 8, band = height + 44, left = 28;

const graph = computed(() => view.value?.graph ?? null);
const x = (slot: number): number => left + slot * step;

const Card = memo(({ n, slot, level }: { n: Node; slot: number; level: number }) => (
  <section class={"node" + (n.new ? " changed" : "")} style={{ left: `${x(slot)}px`, top: `${level * band}px`, width: `${width}px`, height: `${height}px` }} aria-label={n.title}>
    <h3>{visible(n.title)}<Changed on={n.new} isNew /> <small>{n.id}</small></h3>
    <dl>
      {n.fields.map((f) => (
        <div key={f.name} class={f.changed ? "changed" : ""}>
          <dt>{f.name}</dt><dd><Who what={`${n.title}.${f.name}`} expr={f.expr} value={f.value} /><Changed on={f.changed} /></dd>
        </div>
      ))}
    </dl>
  </section>
));

/** An arrow between two levels: up says that the lower one points to the upper one, down the reverse. */
interface Edge { key: string; x1: number; y1: number; x2: number; y2: number; up: boolean; down: boolean; kind: string }

function edges(g: Data): Edge[] {
  const out = new Map<string, Edge>();
  const draw = (upper: Node[], lower: Node[], level: number, i: number, j: number, up: boolean, kind: string, dx: number): void => {
    if (i < 0 || j < 0) return;
    const key = `${upper[i]!.id} ${lower[j]!.id} ${kind}`;
    const e = out.get(key) ?? { key, x1: x(i) + width / 2 + dx, y1: level * band + height, x2: x(j) + width / 2 + dx, y2: (level + 1) * band, up: false, down: false, kind };
    if (up) e.up = true;
    else e.down = true;
    out.set(key, e);
  };
  const find = (list: Node[], id: string): number => (id ? list.findIndex((n) => n.id === id) : -1);
  const to = (n: Node, field: string): string => n.fields.find((f) => f.name === field)?.to ?? "";
  g.ms.forEach((m, j) => {
    draw(g.gs, g.ms, 0, find(g.gs, to(m, "g0")), j, true, "g0", -28);
    draw(g.gs, g.ms, 0, find(g.gs, to(m, "curg")), j, true, "curg", 28);
    draw(g.ms, g.ps, 1, j, find(g.ps, to(m, "p")), false, "p", 0);
  });
  g.gs.forEach((n, i) => {
    const j = find(g.ms, to(n, "m"));
    if (j < 0) return;
    const g0 = to(g.ms[j]!, "g0") === n.id;
    draw(g.gs, g.ms, 0, i, j, false, g0 ? "g0" : "curg", g0 ? -28 : 28);
  });
  g.ps.forEach((p, j) => draw(g.ms, g.ps, 1, find(g.ms, to(p, "m")), j, true, "p", 0));
  return [...out.values()];
}

const arrows = computed(() => (graph.value ? edges(graph.value) : []));

function Arrow({ e }: { e: Edge }) {
  const mid = (e.y1 + e.y2) / 2, head = (px: number, py: number, s: number): string => `M${px - 4} ${py + 7 * s}L${px} ${py}L${px + 4} ${py + 7 * s}Z`;
  return (
    <g class={"edge " + e.kind}>
      <path class="line" d={`M${e.x1} ${e.y1}C${e.x1} ${mid} ${e.x2} ${mid} ${e.x2} ${e.y2}`} />
      {e.up && <path class="head" d={head(e.x1, e.y1, 1)} />}
      {e.down && <path class="head" d={head(e.x2, e.y2, -1)} />}
    </g>
  );
}

const List = memo(({ c }: { c: Chain }) => (
  <li class={c.changed ? "changed" : ""} data-list={c.name}>
    <Who what={c.name} expr={c.expr} value={c.name} />
    {[...c.ids, c.end].map((id, i) => <span key={i}> <span class="to">→</span> {visible(id)}</span>)}<Changed on={c.changed} />
  </li>
));

/** The runtime's own structures, and who points to whom. */
export function Graph() {
  const g = graph.value;
  if (!g) return <Pane name="graph" title={t("graph")}><p class="none">{t("noGraph")}</p></Pane>;
  const widest = Math.max(g.gs.length, g.ms.length, g.ps.length, 4), w = x(widest), h = 3 * band - 44;
  const bands: [string, Node[]][] = [["G", g.gs], ["M", g.ms], ["P", g.ps]];
  return (
    <Pane name="graph" rove title={t("graph")} aside={g.more > 0 && `+ ${g.more} ${t("more")}`}>
      <div class="scroll" tabIndex={0} role="group" aria-label={t("graph")}>
        <div class="field" style={{ width: `${w}px`, height: `${h}px` }}>
          <svg width={w} height={h} aria-hidden="true">{arrows.value.map((e) => <Arrow key={e.key} e={e} />)}</svg>
          {bands.map(([name, list], level) => (
            <div key={name} class="band">
              <b class="kind" style={{ top: `${level * band}px` }}>{name}</b>
              {list.length === 0 && <i class="none" style={{ left: `${left}px`, top: `${level * band}px` }}>{t("notMade")}</i>}
              {list.map((n, i) => <Card key={n.id} n={n} slot={i} level={level} />)}
            </div>
          ))}
        </div>
      </div>
      <ul class="lists">{g.lists.map((c) => <List key={c.name} c={c} />)}</ul>
    </Pane>
  );
}
