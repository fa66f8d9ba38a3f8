package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// metric is a figure of the report, a row of its table.
type metric struct {
	key, title, unit string
	instead          map[string]string // by contender: the metric that stands in for this one
	noRatio          bool              // says how another was taken; comparing means nothing
}

// goal is a ratio of ivs's figure to another's.
type goal struct {
	metric, against string
	factor          float64
	atLeast         bool // else at most
}

// results collects figures.
type results struct {
	suite   *suite
	rounds  int
	seconds float64
	figures map[string]map[string][]float64 // by metric, by contender, a value per round
}

func newResults(s *suite, set settings) *results {
	return &results{suite: s, rounds: set.rounds, seconds: set.seconds.Seconds(), figures: map[string]map[string][]float64{}}
}

func (r *results) add(metric, contender string, value float64) {
	if r.figures[metric] == nil {
		r.figures[metric] = map[string][]float64{}
	}
	r.figures[metric][contender] = append(r.figures[metric][contender], value)
}

// median is a contender's figure; false if it has none.
func (r *results) median(m metric, contender string) (float64, bool) {
	key := m.key
	if other, ok := m.instead[contender]; ok {
		key = other
	}
	values := slices.Sorted(slices.Values(r.figures[key][contender]))
	if len(values) == 0 {
		return 0, false
	}
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2, true
	}
	return values[middle], true
}

// ratio is ivs's figure by another's.
func (r *results) ratio(m metric, against string) (float64, bool) {
	ours, ok := r.median(m, "ivs")
	theirs, both := r.median(m, against)
	if !ok || !both || theirs == 0 || m.noRatio {
		return 0, false
	}
	return ours / theirs, true
}

// outcome is what came of a goal.
type outcome struct {
	Metric  string  `json:"metric"`
	Against string  `json:"against"`
	Wanted  string  `json:"wanted"`
	Ratio   float64 `json:"ratio"`
	Holds   bool    `json:"holds"`
}

func (r *results) outcomes() (all []outcome) {
	for _, g := range r.suite.goals {
		i := slices.IndexFunc(r.suite.metrics, func(m metric) bool { return m.key == g.metric })
		got, ok := r.ratio(r.suite.metrics[i], g.against)
		o := outcome{Metric: r.suite.metrics[i].title, Against: r.title(g.against), Ratio: got}
		if g.atLeast {
			o.Wanted, o.Holds = fmt.Sprintf("at least %g", g.factor), ok && got >= g.factor
		} else {
			o.Wanted, o.Holds = fmt.Sprintf("at most %g", g.factor), ok && got <= g.factor
		}
		all = append(all, o)
	}
	return all
}

func (r *results) title(contender string) string {
	for _, c := range r.suite.contenders {
		if c.key == contender {
			return c.title
		}
	}
	return contender
}

// print writes a Markdown table, a column for each contender and one for the
// ratio of ivs to each other, and what came of the goals.
func (r *results) print(w io.Writer) {
	header, rule := "| |", "|---|"
	columns := []string{"ivs"}
	for _, c := range r.suite.contenders {
		if c.key != "ivs" {
			columns = append(columns, c.key)
		}
	}
	for _, c := range columns {
		header, rule = header+" "+r.title(c)+" |", rule+"---:|"
		if c != "ivs" {
			header, rule = header+" ivs is |", rule+"---:|"
		}
	}
	fmt.Fprintf(w, "%s; medians of %d rounds of %g s\n\n%s\n%s\n", r.suite.title, r.rounds, r.seconds, header, rule)
	for _, m := range r.suite.metrics {
		fmt.Fprintf(w, "| %s, %s |%s\n", m.title, m.unit, r.row(m, columns))
	}
	fmt.Fprintln(w)
	for _, o := range r.outcomes() {
		verdict := "holds"
		if !o.Holds {
			verdict = "FALLS SHORT"
		}
		fmt.Fprintf(w, "%-11s %s, against %s: %.2f times, wanted %s\n", verdict, o.Metric, o.Against, o.Ratio, o.Wanted)
	}
}

func (r *results) row(m metric, columns []string) string {
	var cells strings.Builder
	for _, c := range columns {
		cell := "-"
		if v, ok := r.median(m, c); ok {
			cell = rounded(v)
		}
		fmt.Fprintf(&cells, " %s |", cell)
		if c == "ivs" {
			continue
		}
		cell = "-"
		if v, ok := r.ratio(m, c); ok {
			cell = fmt.Sprintf("%.2f x", v)
		}
		fmt.Fprintf(&cells, " %s |", cell)
	}
	return cells.String()
}

// rounded writes three digits, or all before the point.
func rounded(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// document is the JSON file.
type document struct {
	Title   string         `json:"title"`
	Time    time.Time      `json:"time"`
	Kernel  string         `json:"kernel"`
	CPUs    int            `json:"cpus"`
	Go      string         `json:"go"`
	Rounds  int            `json:"rounds"`
	Seconds float64        `json:"seconds"` // of one measurement
	Metrics []metricResult `json:"metrics"`
	Goals   []outcome      `json:"goals"`
}

type metricResult struct {
	Key     string               `json:"key"`
	Title   string               `json:"title"`
	Unit    string               `json:"unit"`
	Medians map[string]float64   `json:"medians"`    // by contender
	Ratios  map[string]float64   `json:"ivs_ratios"` // ivs's median by that of each other
	Values  map[string][]float64 `json:"values"`     // by contender, a value per round
}

// write writes the JSON file.
func (r *results) write(path string) error {
	doc := document{
		Title: r.suite.title, Time: time.Now().UTC(), Kernel: kernelRelease(), CPUs: runtime.NumCPU(), Go: runtime.Version(),
		Rounds: r.rounds, Seconds: r.seconds, Goals: r.outcomes(),
	}
	for _, m := range r.suite.metrics {
		out := metricResult{m.key, m.title, m.unit, map[string]float64{}, map[string]float64{}, r.figures[m.key]}
		for _, c := range r.suite.contenders {
			if v, ok := r.median(m, c.key); ok {
				out.Medians[c.key] = v
			}
			if v, ok := r.ratio(m, c.key); ok && c.key != "ivs" {
				out.Ratios[c.key] = v
			}
		}
		doc.Metrics = append(doc.Metrics, out)
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func kernelRelease() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "unknown"
	}
	return unix.ByteSliceToString(u.Release[:])
}
