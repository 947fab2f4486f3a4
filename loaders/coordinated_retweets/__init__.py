"""Retweets that were found to be coordinated, of pseudonymous accounts, published with CooRTweet."""
