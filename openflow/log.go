package openflow

import "time"

// complaintInterval is how often the same trouble is worth a line in the log.
const complaintInterval = time.Minute

// complaint limits the log of one trouble: a line at once when it is new or has
// changed, then one a minute while it lasts.
type complaint struct {
	text string
	at   time.Time
}

// due reports whether the trouble in these words should be logged now.
func (c *complaint) due(text string, now time.Time) bool {
	if text == c.text && now.Sub(c.at) < complaintInterval {
		return false
	}
	c.text, c.at = text, now
	return true
}

// over forgets the trouble, so that its return is news.
func (c *complaint) over() { *c = complaint{} }
