package main

import (
	"github.com/ivs-go/ivs/openflow"
	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// extensions carries out the BSN extensions.
func (d *daemon) extensions() openflow.Experimenter {
	return &bsn.Agent{
		Flows:       d.driver.Switch().Tables,
		Gentables:   d.driver.Gentables(),
		Controllers: func() bsn.ControllerConnections { return connections(d.server.Controllers()) },
	}
}

// connections lists the controllers that this switch dials. Peers that came to
// a listener by themselves are not part of its configuration.
func connections(infos []openflow.ConnectionInfo) (list bsn.ControllerConnections) {
	for _, info := range infos {
		if !info.Dialed {
			continue
		}
		c := bsn.Connection{Connected: info.Connected, AuxiliaryID: info.AuxiliaryID, Role: info.Role, URI: "tcp://" + info.Address}
		if !info.Connected {
			c.Role = ofp13.RoleEqual // what it will begin with
		}
		list = append(list, c)
	}
	return list
}
