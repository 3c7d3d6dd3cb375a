package main

import (
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

func connect(host, user, password string) (*mongo.Client, context.Context, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	_ = cancel // the program ends before it
	client, err := mongo.Connect(ctx, options.Client().SetHosts([]string{host + ":27017"}).SetServerSelectionTimeout(3*time.Second).
		SetAuth(options.Credential{AuthSource: "admin", Username: user, Password: password}))
	if err != nil {
		return nil, nil, err
	}
	return client, ctx, client.Ping(ctx, nil)
}

// mongosh, which evaluates JavaScript, as far as the health check goes: it authenticates with what that names.
func shell(arguments []string) error {
	flags := flag.NewFlagSet("mongosh", flag.ExitOnError)
	host := flags.String("host", "127.0.0.1", "")
	script := flags.String("eval", "", "")
	for _, name := range []string{"quiet", "norc"} {
		flags.Bool(name, false, "")
	}
	_ = flags.Parse(arguments)
	const user, password = "MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"
	if !strings.Contains(*script, "process.env."+user+", process.env."+password) {
		return fmt.Errorf("this stand-in authenticates by the environment only, not %s", *script)
	}
	_, _, err := connect(*host, os.Getenv(user), os.Getenv(password))
	return err
}

type toolOptions struct{ user, password, database string }

// Of the database tools those flags that backups take. The password comes from a file, as `password: ...`.
func readTool(name string, arguments []string) (toolOptions, error) {
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	config := flags.String("config", "", "")
	user := flags.String("username", "", "")
	source := flags.String("authenticationDatabase", "", "")
	database := flags.String("db", "", "")
	only := flags.String("nsInclude", "", "")
	for _, it := range []string{"archive", "gzip", "quiet", "drop"} {
		flags.Bool(it, false, "")
	}
	_ = flags.Parse(arguments)
	text, err := os.ReadFile(*config)
	if err != nil {
		return toolOptions{}, err
	}
	password, found := strings.CutPrefix(strings.TrimSpace(string(text)), "password: ")
	if !found || *source != "admin" {
		return toolOptions{}, errors.New("no password, or not that of admin")
	}
	if *database == "" {
		*database = strings.TrimSuffix(*only, ".*")
	}
	return toolOptions{*user, password, *database}, nil
}

func dump(arguments []string) error {
	given, err := readTool("mongodump", arguments)
	if err != nil {
		return err
	}
	client, ctx, err := connect("127.0.0.1", given.user, given.password)
	if err != nil {
		return err
	}
	database := client.Database(given.database)
	names, err := database.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return err
	}
	archive := gzip.NewWriter(os.Stdout)
	for _, name := range names {
		cursor, err := database.Collection(name).Find(ctx, bson.D{})
		if err != nil {
			return err
		}
		for cursor.Next(ctx) {
			record, err := bson.Marshal(bson.D{{Key: "in", Value: name}, {Key: "document", Value: cursor.Current}})
			if err != nil {
				return err
			}
			if _, err := archive.Write(record); err != nil {
				return err
			}
		}
	}
	return archive.Close()
}

func restore(arguments []string) error {
	given, err := readTool("mongorestore", arguments)
	if err != nil {
		return err
	}
	archive, err := gzip.NewReader(os.Stdin)
	if err != nil {
		return err
	}
	client, ctx, err := connect("127.0.0.1", given.user, given.password)
	if err != nil {
		return err
	}
	dropped := map[string]bool{}
	for {
		raw, err := bson.NewFromIOReader(archive)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		record := bson.Raw(raw)
		name := record.Lookup("in").StringValue()
		collection := client.Database(given.database).Collection(name)
		if !dropped[name] {
			if err := collection.Drop(ctx); err != nil {
				return err
			}
			dropped[name] = true
		}
		if _, err := collection.InsertOne(ctx, record.Lookup("document").Document()); err != nil {
			return err
		}
	}
}
