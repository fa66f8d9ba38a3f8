package differential

import (
	"slices"
	"time"
)

// shrink makes a scenario that differs as small as it can: fewer frames, fewer
// flow-mods, fewer frames. It returns the smallest that still differs.
func (p *pair) shrink(s *scenario, d *difference) (*scenario, *difference) {
	p.grace = time.Second / 2 // it is waited for wherever they differ
	k := &shrinker{pair: p, best: s, difference: d, burst: 1, runs: 600}
	if !k.try(s) {
		k.burst = framesEach // it takes several at once
	}
	d = k.difference
	// What comes after has no part in it, and often one frame is enough.
	k.try(k.with(slices.Clone(k.best.steps[:d.step+1])))
	if d.at >= 0 && k.burst == 1 {
		last := k.best.steps[len(k.best.steps)-1]
		only := step{mods: last.mods, frames: last.frames[d.at : d.at+1]}
		var steps []step
		for _, st := range k.best.steps[:len(k.best.steps)-1] {
			steps = append(steps, step{mods: st.mods})
		}
		k.try(k.with(append(steps, only)))
	}
	for range 2 {
		k.mods()
		k.frames()
	}
	k.parts()
	return k.best, k.difference
}

// shrinker holds the smallest scenario yet.
type shrinker struct {
	*pair
	best       *scenario
	difference *difference
	burst      int // frames sent at once
	runs       int // left
}

// try takes a scenario if it still differs.
func (k *shrinker) try(s *scenario) bool {
	if k.runs == 0 {
		return false
	}
	k.runs--
	d, err := k.run(s, k.burst)
	// A difference in what is sent must not become one in what is refused.
	if err != nil || d == nil || (d.at < 0) != (k.difference.at < 0) {
		return false
	}
	k.best, k.difference = s, d
	return true
}

// with is the scenario with other steps.
func (k *shrinker) with(steps []step) *scenario { return &scenario{steps: steps, deaf: k.best.deaf} }

// mods drops flow-mods.
func (k *shrinker) mods() {
	for i := range k.best.steps {
		k.drop(len(k.best.steps[i].mods), func(from, to int) *scenario {
			steps := slices.Clone(k.best.steps)
			steps[i].mods = slices.Delete(slices.Clone(steps[i].mods), from, to)
			return k.with(steps)
		})
	}
}

// parts drops match fields, actions and buckets.
func (k *shrinker) parts() {
	for i := range k.best.steps {
		for j := range k.best.steps[i].mods {
			for k.part(i, j) {
			}
		}
	}
}

// part drops one part of one mod, if one can be spared.
func (k *shrinker) part(i, j int) bool {
	for _, mod := range shorter(k.best.steps[i].mods[j]) {
		steps := slices.Clone(k.best.steps)
		steps[i].mods = slices.Clone(steps[i].mods)
		steps[i].mods[j] = mod
		if k.try(k.with(steps)) {
			return true
		}
	}
	return false
}

// frames drops frames.
func (k *shrinker) frames() {
	for i := range k.best.steps {
		k.drop(len(k.best.steps[i].frames), func(from, to int) *scenario {
			steps := slices.Clone(k.best.steps)
			steps[i].frames = slices.Delete(slices.Clone(steps[i].frames), from, to)
			return k.with(steps)
		})
	}
}

// drop tries to do without each of n things: halves first, then ever smaller
// parts.
func (k *shrinker) drop(n int, without func(from, to int) *scenario) {
	for size := n; size > 0; size /= 2 {
		for from := 0; from < n; {
			to := min(from+size, n)
			if k.try(without(from, to)) {
				n -= to - from
			} else {
				from = to
			}
		}
	}
}
