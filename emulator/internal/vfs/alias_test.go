package vfs

import (
	"fmt"
	"reflect"
	"testing"
)

// shared are the parts of objects that a clone may share, because nobody ever changes them in place.
var shared = map[string]bool{
	"openFile.text":    true, // made when the file is opened
	"queue.parts[]":    true, // see queue
	"datagram.data":    true,
	"datagram.files":   true,
	"rights.files":     true,
	"content.chunks[]": true, // a chunk belongs to an epoch, see content.own
}

// TestCloneSharesNothing fills every field of every kind of object, clones it, and looks for memory that both can reach.
func TestCloneSharesNothing(t *testing.T) {
	for _, o := range []object{
		&inode{}, &openFile{}, &pipe{}, &event{}, &timer{}, &epoll{}, &socket{}, &network{},
	} {
		v := reflect.ValueOf(o).Elem()
		fill(v)
		c := reflect.ValueOf(o.clone()).Elem()
		if !reflect.DeepEqual(v.Interface(), c.Interface()) {
			t.Errorf("%s: the clone is not equal", v.Type().Name())
		}
		compare(t, v.Type().Name(), v, c)
	}
}

// settableField returns the field as one that can be set, although it is not exported.
func settableField(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
}

// fill puts one element into every slice and map that can be reached from v, and something behind every pointer.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(settableField(v.Field(i)))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		e := reflect.New(v.Type().Elem()).Elem()
		fill(e)
		v.SetMapIndex(reflect.Zero(v.Type().Key()), e)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("x")
	}
}

// compare reports what a and b, found at the path, both lead to.
func compare(t *testing.T, path string, a, b reflect.Value) {
	if shared[path] {
		return
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			compare(t, a.Type().Name()+"."+a.Type().Field(i).Name, settableField(a.Field(i)), settableField(b.Field(i)))
		}
	case reflect.Slice, reflect.Map, reflect.Pointer:
		if a.Pointer() == b.Pointer() {
			t.Errorf("%s: the clone shares it", path)
			return
		}
		switch a.Kind() {
		case reflect.Slice:
			compare(t, path+"[]", a.Index(0), b.Index(0))
		case reflect.Map:
			for _, k := range a.MapKeys() {
				compareMapped(t, path+"[]", a.MapIndex(k), b.MapIndex(k))
			}
		case reflect.Pointer:
			compare(t, fmt.Sprintf("*%s", path), a.Elem(), b.Elem())
		}
	}
}

// compareMapped is compare for elements of maps, which have no address.
func compareMapped(t *testing.T, path string, a, b reflect.Value) {
	x, y := reflect.New(a.Type()).Elem(), reflect.New(b.Type()).Elem()
	x.Set(a)
	y.Set(b)
	compare(t, path, x, y)
}
