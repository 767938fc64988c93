package lessons

import (
	"fmt"
	"slices"
	"strings"
)

// Environment returns a guest's environment: a small one of its own, in which nothing is the user's, so that a run does not
// depend on where it is done, with the "KEY=value" pairs put in. The command, the notebooks and the web page all begin with
// it: the same moment has the same tick and hash in each.
func Environment(pairs ...string) ([]string, error) {
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home/gopher"}
	for _, p := range pairs {
		key, _, ok := strings.Cut(p, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%s: want KEY=VALUE", p)
		}
		env = slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, key+"=") })
		env = append(env, p)
	}
	return env, nil
}
