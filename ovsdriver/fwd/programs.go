package fwd

import "github.com/ivs-go/ivs/ovsdriver/translate"

// maxPrograms is how many programs are remembered to be shared.
const maxPrograms = 1024

// programs makes entries with the same instructions share one program: there may
// be very many entries, and few things that they do. What a program does depends
// on its instructions alone; whether it may stand in a table and with a match was
// found out when it was compiled. Main goroutine only.
type programs map[string]*translate.Program

// share returns an older program of the same instructions, or p. Once many are
// remembered, all are forgotten, so that those of entries that are gone do not
// stay.
func (s programs) share(p *translate.Program) *translate.Program {
	if older, ok := s[p.Encoded()]; ok {
		return older
	}
	if len(s) == maxPrograms {
		clear(s)
	}
	s[p.Encoded()] = p
	return p
}
