package openflow

import (
	"maps"
	"time"
)

const (
	complaintInterval = time.Minute // how often the same words are worth a line in the log
	complaintWords    = 8           // how many words of one trouble are, in that time
)

// complaint limits the log of one trouble: a line at once when it is new or has
// changed, then one a minute while it lasts. A trouble that goes to and fro
// between some words is told once a minute in each of them.
type complaint struct {
	told map[string]time.Time
}

// due reports whether the trouble in these words should be logged now.
func (c *complaint) due(text string, now time.Time) bool {
	maps.DeleteFunc(c.told, func(_ string, at time.Time) bool { return now.Sub(at) >= complaintInterval })
	if _, told := c.told[text]; told || len(c.told) >= complaintWords {
		return false
	}
	if c.told == nil {
		c.told = make(map[string]time.Time)
	}
	c.told[text] = now
	return true
}

// over forgets the trouble, so that its return is news.
func (c *complaint) over() { *c = complaint{} }
