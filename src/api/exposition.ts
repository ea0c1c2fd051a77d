/** One metric: every sample is its labels and its value; null is left out. */
export interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** `_bucket`, `_sum`, `_count` of a histogram; empty else. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number | null;
}

/** Pure: the Prometheus text format, version 0.0.4. */
export function exposition(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, type, help, samples }) =>
      [
        `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
        `# TYPE ${name} ${type}`,
        ...samples.flatMap(({ suffix = "", labels = {}, value }) =>
          value === null ? [] : [`${name}${suffix}${labelText(labels)} ${valueText(value)}`],
        ),
        "",
      ].join("\n"),
    )
    .join("");
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([key, value]) =>
      `${key}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function valueText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** Pure: a histogram's samples from how many values are at most each bound, their sum and count. */
export function histogramSamples(
  buckets: readonly { readonly upTo: number; readonly count: number }[],
  total: { readonly sum: number; readonly count: number },
): Sample[] {
  return [
    ...buckets.map(({ upTo, count }) => ({
      suffix: "_bucket",
      labels: { le: valueText(upTo) },
      value: count,
    })),
    { suffix: "_bucket", labels: { le: "+Inf" }, value: total.count },
    { suffix: "_sum", value: total.sum },
    { suffix: "_count", value: total.count },
  ];
}
