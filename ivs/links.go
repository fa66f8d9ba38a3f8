package main

import "github.com/ivs-go/ivs/internal/link"

// hostLinks lets ports ask the host of interfaces (vport.Links). Get and
// Classes are for any goroutine, the rest for main.
type hostLinks struct{ modes *link.Modes }

func (h hostLinks) Get(name string) (link.Link, error)      { return link.Get(name) }
func (h hostLinks) Classes(index int) ([]link.Class, error) { return link.Classes(index) }
func (h hostLinks) Mode(name string) link.Mode              { return h.modes.Get(name) }
func (h hostLinks) SetUp(name string, up bool) error        { return link.SetUp(name, up) }
