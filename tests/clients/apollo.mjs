// Asks the documents of a JSON list (stdin) with Apollo Client and its normalised cache; prints their data as a list.
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { text } from 'node:stream/consumers';

const [uri] = process.argv.slice(2);
const documents = JSON.parse(await text(process.stdin));

// As Apollo's documentation has it: the types behind each interface, asked of the server.
const asked = await fetch(uri, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ query: '{ __schema { types { name possibleTypes { name } } } }' }),
});
const { types } = (await asked.json()).data.__schema;
const possibleTypes = Object.fromEntries(
  types.filter((type) => type.possibleTypes).map((type) => [type.name, type.possibleTypes.map(({ name }) => name)]),
);

const answers = [];
for (const document of documents) {
  const client = new ApolloClient({ link: new HttpLink({ uri }), cache: new InMemoryCache({ possibleTypes }) });
  const { data, error } = await client.query({ query: gql(document) });
  answers.push({ data, error: error?.message });
}
console.log(JSON.stringify(answers));
