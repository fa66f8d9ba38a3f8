package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func exampleResults() *results {
	s := &suite{
		title:      "example",
		contenders: []contender{{key: "other", title: "Other"}, {key: "ivs", title: "ivs"}},
		metrics: []metric{
			{key: "rate", title: "rate", unit: "1000/s"},
			{key: "latency", title: "latency", unit: "us"},
			{key: "best", title: "best", unit: "Gbit/s", instead: map[string]string{"other": "plain"}},
			{key: "alone", title: "alone", unit: "MB"},
			{key: "offered", title: "offered", unit: "1000/s", noRatio: true},
		},
		goals: []goal{{"rate", "other", 2, true}, {"latency", "other", 0.5, false}, {"alone", "other", 1, true}},
	}
	r := newResults(s, settings{rounds: 3, seconds: 2 * time.Second})
	for _, f := range []struct {
		metric, contender string
		values            []float64
	}{
		{"rate", "ivs", []float64{900, 300, 310}}, {"rate", "other", []float64{100, 101, 5}},
		{"latency", "ivs", []float64{12, 14}}, {"latency", "other", []float64{20}},
		{"best", "ivs", []float64{10}}, {"plain", "other", []float64{2.5}},
		{"alone", "ivs", []float64{70}},
		{"offered", "ivs", []float64{8}}, {"offered", "other", []float64{4}},
	} {
		for _, v := range f.values {
			r.add(f.metric, f.contender, v)
		}
	}
	return r
}

func TestPrint(t *testing.T) {
	var out strings.Builder
	exampleResults().print(&out)
	const want = `example; medians of 3 rounds of 2 s

| | ivs | Other | ivs is |
|---|---:|---:|---:|
| rate, 1000/s | 310 | 100 | 3.10 x |
| latency, us | 13.0 | 20.0 | 0.65 x |
| best, Gbit/s | 10.0 | 2.50 | 4.00 x |
| alone, MB | 70.0 | - | - |
| offered, 1000/s | 8.00 | 4.00 | - |

holds       rate, against Other: 3.10 times, wanted at least 2
FALLS SHORT latency, against Other: 0.65 times, wanted at most 0.5
FALLS SHORT alone, against Other: 0.00 times, wanted at least 1
`
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bench.json")
	if err := exampleResults().write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	rate, goals := doc.Metrics[0], doc.Goals
	if rate.Medians["ivs"] != 310 || rate.Ratios["other"] != 3.1 || len(rate.Values["ivs"]) != 3 {
		t.Errorf("rate is %+v", rate)
	}
	if len(goals) != 3 || !goals[0].Holds || goals[1].Holds || goals[2].Holds {
		t.Errorf("goals are %+v", goals)
	}
}
